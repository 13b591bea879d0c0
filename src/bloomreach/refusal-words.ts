/** What Bloomreach's answers say in words alone: their statuses do not tell it. */

/** A bad project token or key is a 400 here, not a 401; only the words tell it from a bad body. */
export const credentialWords = /authenticate|invalid project|access key/i;

/** The key is right, and its group lacks the permission. */
export const permissionWords = /not authorized|permission|forbidden/i;
