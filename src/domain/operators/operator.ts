/** Users of the dashboard and what their role permits. */

/** `viewer` reads; `operator` also controls campaigns and retries failures; `admin` may do everything. */
export const operatorRoles = ['viewer', 'operator', 'admin'] as const;

export type OperatorRole = (typeof operatorRoles)[number];

export interface Operator {
  name: string;
  role: OperatorRole;
}

/** Returns whether a role includes the permissions of the `needed` one. */
export function hasRole(role: OperatorRole, needed: OperatorRole): boolean {
  return operatorRoles.indexOf(role) >= operatorRoles.indexOf(needed);
}
