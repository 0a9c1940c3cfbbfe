/**
 * Something that this machine, or these options, make impossible. Commands print the sentence and
 * exit with 2.
 */
export class NotPossible extends Error {}
