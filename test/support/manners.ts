/**
 * The durable engines that a file of tests runs on: the calm one, and a rough one with a seed that
 * is always the same.
 */
export const manners: readonly { readonly name: string; readonly rough: number | undefined }[] = [
  { name: "calm", rough: undefined },
  { name: "rough", rough: 1 },
];
