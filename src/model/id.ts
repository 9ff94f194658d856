declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** The name of bytes: `sha256:` and 64 hex digits. */
export type Digest = Brand<'Digest'>;

/** One content of the history: the id of its commit, 40 hex digits. */
export type Version = Brand<'Version'>;

/** A node as the inventory names it, such as `fit01`. */
export type NodeId = Brand<'NodeId'>;

/** The name of a unit of a session, such as `yellow-panda`. */
export type UnitName = Brand<'UnitName'>;

/** The four parts of a snapshot, in the order in which a load takes them. */
export const LAYER_KINDS = ['nodes', 'environment', 'data', 'session'] as const;

/** One of the four parts of a snapshot. */
export type LayerKind = (typeof LAYER_KINDS)[number];
