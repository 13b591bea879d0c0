/** Who works with the dashboard, and what they may do there. */

/** `viewer` looks; `operator` steers campaigns and sends failures again; `admin` may do everything. */
export const operatorRoles = ['viewer', 'operator', 'admin'] as const;

export type OperatorRole = (typeof operatorRoles)[number];

export interface Operator {
  name: string;
  role: OperatorRole;
}

/** Whether a role may do what takes another. */
export function mayAct(role: OperatorRole, needed: OperatorRole): boolean {
  return operatorRoles.indexOf(role) >= operatorRoles.indexOf(needed);
}
