import { writeRoleTable } from "./role-table.ts";

// Writes the table of the app's roles in docs/security.md, from the committed snapshot.

writeRoleTable();
