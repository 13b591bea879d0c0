/** What the key of the sandbox's Bloomreach may do, and the words in which the rest is refused. */

/** `set`: customer properties; `events`: add them; `export`: customers. */
export const permissions = ['set', 'events', 'export'] as const;

export type Permission = (typeof permissions)[number];

/** As in the tests of Bloomreach's Python client; the second is made up after the first. */
const words: Readonly<Record<Permission, string>> = {
  set: 'not authorized to update specified customer properties',
  events: 'not authorized to add events',
  export: 'not authorized to export customers',
};

/** The errors of a call or command that takes this permission; undefined where the key has it. */
export function makePermissionCheck(forbidden: readonly Permission[]) {
  return (needed: Permission | undefined): string[] | undefined =>
    needed !== undefined && forbidden.includes(needed) ? [words[needed]] : undefined;
}

/** What a tracking command takes; undefined for one that is unknown. */
export function permissionOf(command: unknown): Permission | undefined {
  if (command === 'customers') return 'set';
  return command === 'customers/events' ? 'events' : undefined;
}
