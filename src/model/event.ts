import type { Json } from './json.ts';
import type { LayerKind } from './id.ts';
import type { PlanStep } from './plan.ts';

/** A typed fact that the engine emits while it works. Only the front door turns it into words. */
export type EngineEvent =
  /** Long work goes on; `total` is absent while nobody knows it. */
  | {
      readonly type: 'progress';
      readonly layer?: LayerKind;
      readonly task: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'items';
    }
  /** A layer is left out, and why. */
  | { readonly type: 'layer-skipped'; readonly layer: LayerKind; readonly reason: string }
  | {
      readonly type: 'step-started' | 'step-done';
      readonly step: PlanStep;
      readonly index: number;
      readonly count: number;
    }
  | { readonly type: 'step-failed'; readonly step: PlanStep; readonly code: string; readonly message: string }
  /** Something a person should know that is no failure; `note` is a kebab-case word that the renderer knows. */
  | {
      readonly type: 'note';
      readonly layer?: LayerKind;
      readonly note: string;
      readonly details: Readonly<Record<string, Json>>;
    };

/** Takes an event; never throws, never waits. */
export type Emit = (event: EngineEvent) => void;
