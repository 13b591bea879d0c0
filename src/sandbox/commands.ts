/** Bloomreach's tracking commands, single or in a batch, and the permissions that they need. */

import type { Clock } from '../kit/clock.ts';
import { isObject } from '../kit/is-object.ts';
import type { makeCustomers } from './customers.ts';

/** Permissions of an API key: `set` customer properties, add `events`, `export` customers. */
export const permissions = ['set', 'events', 'export'] as const;

export type Permission = (typeof permissions)[number];

/** As in the tests of Bloomreach's Python client; the second is made up in the same style. */
const refusals: Readonly<Record<Permission, string>> = {
  set: 'not authorized to update specified customer properties',
  events: 'not authorized to add events',
  export: 'not authorized to export customers',
};

/** Returns a function that gives the errors of a call or command; undefined if the key has the permission. */
export function makePermissionCheck(forbidden: readonly Permission[]) {
  return (needed: Permission | undefined): string[] | undefined =>
    needed !== undefined && forbidden.includes(needed) ? [refusals[needed]] : undefined;
}

/** Returns the permission that a command needs; undefined for an unknown command. */
export function permissionOf(command: unknown): Permission | undefined {
  if (command === 'customers') return 'set';
  return command === 'customers/events' ? 'events' : undefined;
}

/** The value of a property must be smaller than this. */
const VALUE_LIMIT_BYTES = 16_000;

/** Runs a command and returns its errors; none if it was applied. */
export type RunCommand = (name: unknown, data: unknown) => string[];

/** `onProperties` is called with the properties of each applied `customers` command. */
export function makeCommands(
  customers: ReturnType<typeof makeCustomers>,
  onProperties: (properties: Record<string, unknown>) => void,
  clock: Clock,
): RunCommand {
  const update = (ids: Record<string, string>, data: Record<string, unknown>): string[] => {
    const { properties, update_timestamp: updatedAt = clock() / 1000 } = data;
    if (!isObject(properties) || Object.keys(properties).length === 0) {
      return ['At least one property should be specified.'];
    }
    if (typeof updatedAt !== 'number') return ['update_timestamp must be a number.'];
    const large = Object.keys(properties).find((name) => sizeOf(properties[name]) >= VALUE_LIMIT_BYTES);
    if (large !== undefined) return [`Property ${large} is too large.`];
    customers.update(ids, properties, updatedAt);
    onProperties(properties);
    return [];
  };

  const track = (ids: Record<string, string>, data: Record<string, unknown>): string[] => {
    const { event_type: type, timestamp = clock() / 1000, properties = {} } = data;
    if (typeof type !== 'string' || type === '') return ['event_type should be specified.'];
    if (typeof timestamp !== 'number' && typeof timestamp !== 'string') return ['timestamp is not a time.'];
    if (!isObject(properties)) return ['properties must be an object.'];
    customers.track(ids, { type, timestamp, properties });
    return [];
  };

  return (name, data) => {
    if (name !== 'customers' && name !== 'customers/events') {
      return [`Unknown command ${JSON.stringify(name)}.`];
    }
    if (!isObject(data)) return ['data must be an object.'];
    const ids = usableIds(data['customer_ids']);
    if (ids === undefined) return ['At least one id should be specified.'];
    return name === 'customers' ? update(ids, data) : track(ids, data);
  };
}

function usableIds(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  const ids = Object.entries(value).flatMap(([type, id]) =>
    (typeof id === 'string' && id !== '') || typeof id === 'number' ? [[type, String(id)] as const] : [],
  );
  return ids.length === 0 ? undefined : Object.fromEntries(ids);
}

function sizeOf(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return 0;
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
}
