/** The customers of the simulated Bloomreach. Each property has the time of its update, and the newest value wins. */

/** One customer. Merging two known customers is not simulated. */
export interface StoredCustomer {
  readonly ids: Readonly<Record<string, string>>;
  readonly properties: ReadonlyMap<string, { readonly value: unknown; readonly updatedAt: number }>;
  readonly events: readonly StoredEvent[];
}

export interface StoredEvent {
  readonly type: string;
  /** Unix seconds, or the text as it was sent. */
  readonly timestamp: number | string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Read access, in the order of creation. */
export interface CustomerRecords {
  readonly size: number;
  /** Finds a customer by any id, e.g. `registered:c-17`. */
  get(key: string): StoredCustomer | undefined;
  all(): IterableIterator<StoredCustomer>;
  /** Returns a customer's property values; undefined for an unknown customer. */
  properties(key: string): Record<string, unknown> | undefined;
}

interface Customers extends CustomerRecords {
  /** `updatedAt` is in unix seconds; a property with the same or a later time is kept. */
  update(ids: Record<string, string>, properties: Record<string, unknown>, updatedAt: number): void;
  /** Stores an event unless the customer has an identical one. */
  track(ids: Record<string, string>, event: StoredEvent): void;
  clear: () => void;
}

interface Customer {
  ids: Record<string, string>;
  properties: Map<string, { value: unknown; updatedAt: number }>;
  events: StoredEvent[];
  /** The events as text, to find duplicates. */
  seen: Set<string>;
}

export function makeCustomers(): Customers {
  const customers = new Set<Customer>();
  const byId = new Map<string, Customer>();

  /** Creates the customer if no id is known, as Bloomreach does. */
  const resolve = (ids: Record<string, string>): Customer => {
    const keys = Object.entries(ids).map(([type, id]) => `${type}:${id}`);
    const known = keys.map((key) => byId.get(key)).find((customer) => customer !== undefined);
    const customer = known ?? { ids: {}, properties: new Map(), events: [], seen: new Set() };
    Object.assign(customer.ids, ids);
    for (const key of keys) byId.set(key, customer);
    customers.add(customer);
    return customer;
  };

  return {
    get size() {
      return customers.size;
    },
    get: (key) => byId.get(key),
    all: () => customers.values(),
    properties(key) {
      const customer = byId.get(key);
      if (customer === undefined) return undefined;
      return Object.fromEntries([...customer.properties].map(([name, { value }]) => [name, value]));
    },
    update(ids, properties, updatedAt) {
      const customer = resolve(ids);
      for (const [name, value] of Object.entries(properties)) {
        const known = customer.properties.get(name);
        if (known === undefined || known.updatedAt < updatedAt)
          customer.properties.set(name, { value, updatedAt });
      }
    },
    track(ids, event) {
      const customer = resolve(ids);
      const text = JSON.stringify(event);
      if (customer.seen.has(text)) return;
      customer.seen.add(text);
      customer.events.push(event);
    },
    clear() {
      customers.clear();
      byId.clear();
    },
  };
}
