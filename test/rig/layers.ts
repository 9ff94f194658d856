import { join } from 'node:path';
import { z } from 'zod';
import { RestageError } from '../../src/errors.ts';
import { DigestText, digestOf } from '../../src/model/digest.ts';
import type { LayerKind } from '../../src/model/id.ts';
import { compareText } from '../../src/model/order.ts';
import type { Difference, LayerPlan, PlanStep } from '../../src/model/plan.ts';
import type { Layer, LayerContext } from '../../src/snapshot/layer.ts';

/**
 * A layer over one JSON file of the workspace, `KIND.json`: names with texts, whose content the store keeps.
 *
 * A text that begins with `big:` is named and not kept; a name that begins with `machine-` is left alone by rule. In the
 * session layer, what changes is stopped first, by a line in `stopped.log`. No file: the layer is not there.
 */
export interface JsonFileBody {
  readonly schema: string;
  readonly items: Readonly<Record<string, { readonly digest: string; readonly size: number }>>;
}

/** A step of such a layer. */
export type JsonFileStep = PlanStep & { readonly digest?: string };

/** What a test may do while a layer is at work. */
export interface JsonFileHooks {
  /** Called before a step is applied; throws to make it fail. */
  readonly beforeApply?: (step: PlanStep, context: LayerContext) => Promise<void> | void;
}

/** Makes such a layer. */
export function jsonFileLayer(kind: LayerKind, hooks: JsonFileHooks = {}): Layer<JsonFileBody, JsonFileStep> {
  return {
    kind,
    summary: `Texts in ${kind}.json`,
    body: z.strictObject({
      schema: z.literal(`restage/${kind}-layer/1`),
      items: z.record(z.string(), z.strictObject({ digest: DigestText, size: z.number() })),
    }),

    async probe({ files, workspace }) {
      if (await files.exists(join(workspace, `${kind}.json`))) return { available: true };
      return { available: false, reason: `there is no ${kind}.json` };
    },

    async capture(context, { purpose }) {
      const items = await readItems(kind, context);
      const body: Record<string, { digest: string; size: number }> = {};
      const capture = {
        kept: [] as { digest: ReturnType<typeof digestOf>; size: number }[],
        notKept: [] as { what: string; bytes: number }[],
      };
      for (const [name, text] of Object.entries(items)) {
        const bytes = Buffer.from(text);
        const item = { digest: digestOf(bytes), size: bytes.length };
        body[name] = item;
        if (text.startsWith('big:')) capture.notKept.push({ what: name, bytes: bytes.length });
        else if (purpose === 'compare') capture.kept.push(item);
        else capture.kept.push(await context.content.put(bytes));
      }
      return { body: { schema: `restage/${kind}-layer/1`, items: body }, ...capture, unresolved: [] };
    },

    describe: ({ items }) => ({
      headline: `${Object.keys(items).length} items`,
      columns: ['item', 'size'],
      rows: Object.entries(items).map(([name, { size }]) => [name, String(size)]),
    }),

    diff: (from, to) => differences(kind, from, to),

    plan(have, want, { available }) {
      const plan = {
        steps: [] as JsonFileStep[],
        impossible: [] as { item: string; why: string }[],
        left: [] as { item: string; why: string }[],
      };
      for (const { item, change, from, to } of differences(kind, have, want)) {
        const wanted = want.items[item];
        if (item.startsWith('machine-')) plan.left.push({ item, why: 'it belongs to the machine' });
        else if (wanted && !available.has(wanted.digest as never)) {
          plan.impossible.push({ item, why: 'its content is not kept' });
        } else {
          const step = { layer: kind, item, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
          if (kind === 'session') plan.steps.push({ ...step, phase: 'stop', action: 'stop' });
          const action = change === 'removed' ? 'remove' : 'put';
          plan.steps.push({
            ...step,
            phase: 'apply',
            action,
            ...(wanted && { digest: wanted.digest, bytes: wanted.size }),
          });
        }
      }
      return plan satisfies LayerPlan<JsonFileStep>;
    },

    async apply(step, context) {
      await hooks.beforeApply?.(step, context);
      if (step.action === 'stop') {
        await context.files.append(join(context.workspace, 'stopped.log'), `${step.item}\n`);
        return;
      }
      const items = new Map(Object.entries(await readItems(kind, context)));
      if (step.digest === undefined) items.delete(step.item);
      else items.set(step.item, (await context.content.read(step.digest as never)).toString());
      await writeItems(kind, items, context);
    },
  };
}

function differences(kind: LayerKind, from: JsonFileBody, to: JsonFileBody): Difference[] {
  const names = [...new Set([...Object.keys(from.items), ...Object.keys(to.items)])].sort(compareText);
  return names.flatMap((item): Difference[] => {
    const [a, b] = [from.items[item], to.items[item]];
    if (a?.digest === b?.digest) return [];
    const change = a === undefined ? 'added' : b === undefined ? 'removed' : 'changed';
    return [
      {
        ...{ layer: kind, change, type: 'text', item },
        ...(a && { from: a.digest.slice(7, 13) }),
        ...(b && { to: b.digest.slice(7, 13) }),
      },
    ];
  });
}

async function readItems(
  kind: LayerKind,
  { files, workspace }: Pick<LayerContext, 'files' | 'workspace'>,
): Promise<Record<string, string>> {
  const text = await files.readIfExists(join(workspace, `${kind}.json`));
  if (text === undefined) throw new RestageError('file/missing', `there is no ${kind}.json`);
  return JSON.parse(text) as Record<string, string>;
}

async function writeItems(
  kind: LayerKind,
  items: ReadonlyMap<string, string>,
  { files, workspace }: Pick<LayerContext, 'files' | 'workspace'>,
): Promise<void> {
  await files.write(join(workspace, `${kind}.json`), JSON.stringify(Object.fromEntries(items)));
}
