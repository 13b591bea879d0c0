/** The customers of the sandbox's Bloomreach: each property remembers when it was set, and the newer value wins. */

/** One customer. Merging of two known customers is not played. */
export interface StoredCustomer {
  readonly ids: Readonly<Record<string, string>>;
  readonly properties: ReadonlyMap<string, { readonly value: unknown; readonly updatedAt: number }>;
  readonly events: readonly StoredEvent[];
}

export interface StoredEvent {
  readonly type: string;
  /** Unix seconds, or the text that was sent. */
  readonly timestamp: number | string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Read access, in the order of arrival. */
export interface CustomerRecords {
  readonly size: number;
  /** By id, e.g. `registered:c-17`. */
  get(key: string): StoredCustomer | undefined;
  all(): IterableIterator<StoredCustomer>;
  /** A customer's plain property values; undefined for an unknown customer. */
  properties(key: string): Record<string, unknown> | undefined;
}

interface Customers extends CustomerRecords {
  /** `updatedAt` in unix seconds; a property with the same or a later time stays. */
  update(ids: Record<string, string>, properties: Record<string, unknown>, updatedAt: number): void;
  /** Stores an event unless the customer has the very same one. */
  track(ids: Record<string, string>, event: StoredEvent): void;
  clear: () => void;
}

interface Entry {
  ids: Record<string, string>;
  properties: Map<string, { value: unknown; updatedAt: number }>;
  events: StoredEvent[];
  /** The events as text, to find doubles. */
  seen: Set<string>;
}

/** No customers yet. */
export function makeCustomers(): Customers {
  const customers = new Set<Entry>();
  const byId = new Map<string, Entry>();

  /** An unknown id makes a customer: that is what Bloomreach does, too. */
  const resolve = (ids: Record<string, string>): Entry => {
    const keys = Object.entries(ids).map(([type, id]) => `${type}:${id}`);
    const known = keys.map((key) => byId.get(key)).find((entry) => entry !== undefined);
    const entry = known ?? { ids: {}, properties: new Map(), events: [], seen: new Set() };
    Object.assign(entry.ids, ids);
    for (const key of keys) byId.set(key, entry);
    customers.add(entry);
    return entry;
  };

  return {
    get size() {
      return customers.size;
    },
    get: (key) => byId.get(key),
    all: () => customers.values(),
    properties(key) {
      const entry = byId.get(key);
      if (entry === undefined) return undefined;
      return Object.fromEntries([...entry.properties].map(([name, { value }]) => [name, value]));
    },
    update(ids, properties, updatedAt) {
      const entry = resolve(ids);
      for (const [name, value] of Object.entries(properties)) {
        const known = entry.properties.get(name);
        if (known === undefined || known.updatedAt < updatedAt)
          entry.properties.set(name, { value, updatedAt });
      }
    },
    track(ids, event) {
      const entry = resolve(ids);
      const text = JSON.stringify(event);
      if (entry.seen.has(text)) return;
      entry.seen.add(text);
      entry.events.push(event);
    },
    clear() {
      customers.clear();
      byId.clear();
    },
  };
}
