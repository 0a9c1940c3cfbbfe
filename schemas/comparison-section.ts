/** The part of the contract page that says what the comparison with Azure ignores. */
export const comparisonSection = `### What is no difference

A PUT replaces the whole connection, so every property of the contract is compared, also one that
the request leaves out. No difference are the order of lists, the letter case of constants, ids and
labels, and properties that only Azure knows. What Azure chooses itself is none either:

* its default, if the request has it or leaves it out. For \`dpdTimeoutSeconds\` these are 0 and 45.
* the None route table, if the request has no \`propagatedRouteTables\`: a hub with routing intent
  moves connections there. To move one back, name the default route table in the request.
* properties of a tunnel on a connection that has links. They have no effect there.`;
