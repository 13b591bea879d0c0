/** A wish that comes to nothing, so that all is as it was; the message says why, and what can be done. */
export class UserError extends Error {}
