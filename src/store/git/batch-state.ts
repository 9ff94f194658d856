import { unreachable } from '../../model/unreachable.ts';

/**
 * The life of a batch of commits. Requests that arrive while one is on its way form the next.
 *
 *             submitted            locked            built             synced            linked
 *   idle ───────────────▶ collecting ────▶ building ───────▶ syncing ───────▶ linking ─────────▶ acknowledged
 *    ▲                        │               │ │                │                │                    │
 *    │                        └──── failed ───┼─┴────────────────┴────────────────┘                    │
 *    │                                ▼       │ nothing to write                                       │
 *    │        settled              failed     └───────────────────────────────────────────────────────▶│
 *    └────────────────────────────────┴────────────────────────────────────────────────────────────────┘
 *
 * In `failed` nothing of the batch is visible and all of its callers get the cause.
 */
export type BatchState =
  | { readonly is: 'idle' | 'collecting' | 'building' | 'syncing' | 'linking' | 'acknowledged' }
  | { readonly is: 'failed'; readonly cause: unknown };

/** What can happen to a batch. */
export type BatchEvent =
  | { readonly on: 'submitted' | 'locked' | 'synced' | 'linked' }
  /** `isEmpty`: every request was answered without a commit. */
  | { readonly on: 'built'; readonly isEmpty: boolean }
  | { readonly on: 'failed'; readonly cause: unknown }
  /** Everyone has an answer. */
  | { readonly on: 'settled' };

/** What the writer must do. */
export type BatchEffect = 'lock' | 'build' | 'sync' | 'link' | 'settle' | 'withdraw';

/** The next state, and what must be done for it. */
export interface BatchTransition {
  readonly state: BatchState;
  readonly effect?: BatchEffect;
}

/** Says what follows when `event` reaches a batch. An event that means nothing in a state changes nothing. */
export function advanceBatch(state: BatchState, event: BatchEvent): BatchTransition {
  if (event.on === 'failed' && state.is !== 'idle' && state.is !== 'acknowledged' && state.is !== 'failed') {
    return { state: { is: 'failed', cause: event.cause }, effect: 'withdraw' };
  }
  switch (state.is) {
    case 'idle':
      return event.on === 'submitted' ? { state: { is: 'collecting' }, effect: 'lock' } : { state };
    case 'collecting':
      return event.on === 'locked' ? { state: { is: 'building' }, effect: 'build' } : { state };
    case 'building':
      if (event.on !== 'built') return { state };
      return event.isEmpty
        ? { state: { is: 'acknowledged' }, effect: 'settle' }
        : { state: { is: 'syncing' }, effect: 'sync' };
    case 'syncing':
      return event.on === 'synced' ? { state: { is: 'linking' }, effect: 'link' } : { state };
    case 'linking':
      return event.on === 'linked' ? { state: { is: 'acknowledged' }, effect: 'settle' } : { state };
    case 'acknowledged':
    case 'failed':
      return { state: event.on === 'settled' ? { is: 'idle' } : state };
    default:
      return unreachable(state);
  }
}
