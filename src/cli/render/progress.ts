import { unreachable } from '../../model/unreachable.ts';
import type { EngineEvent } from '../../model/event.ts';
import type { PlanStep } from '../../model/plan.ts';
import { countText, sizeText, spanText } from './quantity.ts';

/** What goes on, as far as events have said. */
export interface ProgressState {
  /** The step of a plan that is being performed. */
  readonly step?: { readonly text: string; readonly index: number; readonly count: number };
  /** The task that was heard of last. */
  readonly task?: TaskState;
}

/** A task with a known or unknown end. */
export interface TaskState {
  readonly name: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'items';
  /** When it was heard of first, in ms, and how much was done then. */
  readonly since: number;
  readonly first: number;
}

/** Nothing has been heard yet. */
export const NO_PROGRESS: ProgressState = {};

const BAR = 20;
/** A rate that was measured over less time, in ms, says nothing. */
const RATE_AFTER_MS = 1000;

/** The state after an event at a time in ms. */
export function advanceProgress(state: ProgressState, event: EngineEvent, now: number): ProgressState {
  switch (event.type) {
    case 'progress':
      return { ...state, task: taskAfter(state.task, event, now) };
    case 'step-started':
      return { step: { text: stepText(event.step), index: event.index, count: event.count } };
    case 'step-done':
    case 'step-failed':
      return state.step ? { step: state.step } : NO_PROGRESS;
    case 'layer-skipped':
    case 'note':
      return state;
    default:
      return unreachable(event);
  }
}

/** One line that says what goes on, with bar, rate and time left where they are known; empty when nothing does. */
export function progressLine({ step, task }: ProgressState, now: number, columns: number): string {
  const parts = [
    ...(step ? [`${step.index + 1}/${step.count} ${step.text}`] : []),
    ...(task ? [task.name, ...barOf(task), amountOf(task), ...speedOf(task, now)] : []),
  ];
  const line = parts.join('  ');
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}

/** A step for people: `nodes power fit03: off → on`. */
export function stepText({ layer, action, item, from, to }: PlanStep): string {
  const change = [from, to].filter((side) => side !== undefined).join(' → ');
  return `${layer} ${action} ${item}${change === '' ? '' : `: ${change}`}`;
}

function taskAfter(
  before: TaskState | undefined,
  { layer, task, done, total, unit }: Extract<EngineEvent, { type: 'progress' }>,
  now: number,
): TaskState {
  const name = layer === undefined ? task : `${layer}: ${task}`;
  const isSame = before?.name === name && before.done <= done;
  const start = isSame ? { since: before.since, first: before.first } : { since: now, first: done };
  return { name, done, unit, ...start, ...(total !== undefined && { total }) };
}

function barOf({ done, total }: TaskState): readonly string[] {
  if (total === undefined || total <= 0) return [];
  const share = Math.min(1, done / total);
  const full = Math.round(share * BAR);
  return [`[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${Math.floor(share * 100)}%`];
}

function amountOf({ done, total, unit }: TaskState): string {
  const text = unit === 'bytes' ? sizeText(done) : String(done);
  if (total !== undefined) return `${text} of ${unit === 'bytes' ? sizeText(total) : total}`;
  return unit === 'bytes' ? text : countText(done, 'item');
}

function speedOf({ done, total, unit, since, first }: TaskState, now: number): readonly string[] {
  const ms = now - since;
  if (ms < RATE_AFTER_MS || done <= first) return [];
  const perSecond = ((done - first) / ms) * 1000;
  const rate = unit === 'bytes' ? `${sizeText(perSecond)}/s` : `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
  if (total === undefined || total <= done) return [rate];
  return [rate, `${spanText(((total - done) / perSecond) * 1000)} left`];
}
