/** What is said of a feature that the development host does not have: its name, and the way out. */
export function refusal(what: string): Error {
  return new Error(`The development host does not support ${what}; use \`func start\`.`);
}
