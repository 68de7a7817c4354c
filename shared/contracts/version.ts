/**
 * The version of the HTTP contract, told by `GET /v1/me`. It grows only with what an older client cannot live with;
 * whatever is merely added leaves it alone. Clients compare it to say which side wants an update.
 */
export const contractVersion = 1;
