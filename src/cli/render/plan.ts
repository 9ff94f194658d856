import { LAYER_KINDS } from '../../model/id.ts';
import type { PlanStep, Remark } from '../../model/plan.ts';
import type { LoadReport } from '../../snapshot/perform-load.ts';
import type { StepReport } from '../../snapshot/perform-steps.ts';
import type { PlanDocument } from '../../snapshot/prepare-load.ts';
import { columnsText } from './columns.ts';
import { differenceRows } from './diff.ts';
import { notKeptText } from './not-kept.ts';
import { countText, sizeText } from './quantity.ts';
import { printable } from './table.ts';

/** A plan: how many steps for which layers, the steps, then what cannot be done, what is left, what is not kept. */
export function planText(plan: PlanDocument): string {
  const { steps, impossible, left, notKept, resumes } = plan;
  const target = plan.verb === 'undo' ? `to the state ${plan.message ?? 'before it'}` : plan.name;
  const version = plan.version === undefined ? '' : ` (${plan.version.slice(0, 10)})`;
  const what = `${plan.verb} ${target}${version}`;
  const head = steps.length === 0 ? `${what}: nothing to do` : `${what}: ${countsText(steps)}`;
  return [
    resumes ? `${head}; goes on with one that was interrupted` : head,
    ...(steps.length === 0 ? [] : [columnsText(steps.map(stepRow), '  ')]),
    ...impossible.map((remark) => remarkText('IMPOSSIBLE', remark)),
    ...left.map((remark) => remarkText('left as it is', remark)),
    ...notKeptText(notKept),
  ].join('\n');
}

/** How many steps there are, by layer, and how much they write: `3 steps (nodes 1, data 2), 4.1 KB to write`. */
export function countsText(steps: readonly PlanStep[]): string {
  const layers = LAYER_KINDS.flatMap((kind) => {
    const count = steps.filter(({ layer }) => layer === kind).length;
    return count === 0 ? [] : [`${kind} ${count}`];
  });
  const bytes = steps.reduce((sum, step) => sum + (step.bytes ?? 0), 0);
  return `${countText(steps.length, 'step')} (${layers.join(', ')})${bytes > 0 ? `, ${sizeText(bytes)} to write` : ''}`;
}

/** What came of a load. */
export function loadText(report: LoadReport): string {
  const { outcome, verb, name, steps, differences } = report;
  const done = steps.filter((one) => one.outcome === 'done').length;
  const what = verb === 'undo' ? 'the undo' : `the load of ${name}`;
  const of = `${done} of ${countText(steps.length, 'step')} done`;
  switch (outcome) {
    case 'nothing':
      return [`Nothing to do: all is as ${verb === 'undo' ? 'it was before' : `in ${name}`}`, ...leftText(report)].join(
        '\n',
      );
    case 'loaded':
      return [`${verb === 'undo' ? 'Undone' : `Loaded ${name}`}: ${of}, verified`, ...leftText(report)].join('\n');
    case 'differs':
      return [`${of}, but this still differs:`, columnsText(differenceRows(differences), '  ')].join('\n');
    case 'failed':
      return [`Some of ${what} failed: ${of}`, outcomesText(steps), 'Go back with: restage undo'].join('\n');
    case 'interrupted':
      return [`Stopped: ${of}`, outcomesText(steps), 'Go on with the same command, or go back with: restage undo'].join(
        '\n',
      );
  }
}

function leftText({ plan }: LoadReport): string[] {
  return [...plan.left.map((remark) => remarkText('left as it is', remark)), ...notKeptText(plan.notKept)];
}

function outcomesText(steps: readonly StepReport[]): string {
  const others = steps.filter(({ outcome }) => outcome !== 'done');
  return columnsText(
    others.map(({ step, outcome, message = '' }) =>
      [outcome, step.layer, step.action, step.item, message].map(printable),
    ),
    '  ',
  );
}

function stepRow({ layer, action, item, from, to, bytes }: PlanStep): string[] {
  const change = from !== undefined && to !== undefined ? `${from} → ${to}` : (to ?? from ?? '');
  return [layer, action, item, change, bytes === undefined ? '' : sizeText(bytes)].map(printable);
}

function remarkText(label: string, { layer, item, why, hint }: Remark & { readonly layer: string }): string {
  return printable(`${label}: ${layer} ${item}: ${why}${hint === undefined ? '' : ` (${hint})`}`);
}
