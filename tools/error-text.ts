const forbidden = ["EACCES", "EPERM", "EROFS"];

/** Returns an error as a sentence for people. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = "", path } = error as NodeJS.ErrnoException;
  if (path && forbidden.includes(code)) return `${path} cannot be read or written. Check its permissions.`;
  return error.message;
}
