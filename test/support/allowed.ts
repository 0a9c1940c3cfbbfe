/** The settings that allow every target, and no secret of a vault. */
export const everyTarget = { ALLOWED_TARGETS: null, KEY_VAULT_ALLOWED_HOSTS: [], KEY_VAULT_ALLOWED_SECRETS: null };
