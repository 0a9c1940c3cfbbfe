/**
 * Returns the error for a feature that the development host does not support. It names the feature
 * and the alternative.
 */
export function unsupportedError(what: string): Error {
  return new Error(`The development host does not support ${what}; use \`func start\`.`);
}
