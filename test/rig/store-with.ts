import type { Store } from '../../src/store/contract.ts';

/** The same store with some calls replaced. */
export function storeWith(store: Store, replaced: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(name in replaced ? replaced : target, name);
      // Engines keep private state, which only they themselves can reach.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
