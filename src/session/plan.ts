import { canonicalJson } from '../model/json.ts';
import type { Digest } from '../model/id.ts';
import type { LayerPlan, PlanStep, Remark } from '../model/plan.ts';
import type { SessionBody, SessionDefinition, SessionObstacle, SessionUnit, UnitDefinition } from '../model/session.ts';
import { effectiveLaunch, labelOf, namesByLabel } from './diff.ts';
import { launchDigest } from './definition.ts';

/**
 * One step of a load of the session.
 *
 * `stop` ends a unit; `forget` puts its declaration aside; `update` writes it; `start` writes it and starts the unit;
 * `restart` starts a unit again whose program another layer brings back, if it has; `configure` writes what is declared of
 * the session.
 */
export interface SessionStep extends PlanStep {
  readonly layer: 'session';
  readonly action: 'stop' | 'forget' | 'update' | 'start' | 'restart' | 'configure';
  /** The unit's name. */
  readonly unit?: string;
  readonly definition?: UnitDefinition;
  /** How many sockets listen once the unit is as it was. */
  readonly listens?: number;
  /** Of a restart: the program that has to be there by then. */
  readonly exe?: Digest;
  readonly session?: SessionDefinition;
}

/** What is collected for one plan. */
interface Draft {
  readonly steps: SessionStep[];
  readonly impossible: Remark[];
  readonly left: Remark[];
}

/** What of a unit there is, and what there should be. */
interface WantedPair {
  readonly name: string;
  readonly have: SessionUnit | undefined;
  readonly want: SessionUnit;
  readonly obstacle: SessionObstacle | undefined;
}

/** The order of actions within a phase: what frees an alias comes before what takes it. */
const ORDER = ['stop', 'configure', 'forget', 'update', 'start', 'restart'] as const;

/**
 * The steps that make the session `have` like `want`: what is right has no step, and a busy process is right. A unit is
 * started again only where its definition or its program differs.
 */
export function planSession(have: SessionBody, want: SessionBody): LayerPlan<SessionStep> {
  const draft: Draft = { steps: [], impossible: [], left: [] };
  const { dependences, schemes } = want;
  if (canonicalJson([have.dependences, have.schemes]) !== canonicalJson([dependences, schemes])) {
    draft.steps.push({ ...apply, action: 'configure', item: 'etc/session.yaml', session: { dependences, schemes } });
  }
  for (const name of namesByLabel(have, want)) {
    const [now, then] = [have.units[name], want.units[name]];
    if (then) planUnit({ name, have: now, want: then, obstacle: have.obstacles?.[name]?.[0] }, draft);
    else if (now) planExtra(name, now, draft);
  }
  refuseTakenAliases(have, draft);
  const rank = ({ action }: SessionStep) => ORDER.indexOf(action);
  return { ...draft, steps: draft.steps.sort((a, b) => rank(a) - rank(b)) };
}

const OTHER_PROGRAM = 'its program is another one on this machine';
const apply = { layer: 'session', phase: 'apply' } as const;

/** A unit that the snapshot does not have. */
function planExtra(name: string, have: SessionUnit, { steps, left }: Draft): void {
  const item = labelOf(have);
  if (have.status === 'unknown') {
    left.push({ item, why: `it is not in the snapshot, and ${have.host ?? 'nobody'} can say whether it runs` });
    return;
  }
  if (have.status === 'up' && !have.definition.shutdown) {
    left.push({ item, why: 'it is not in the snapshot, and its shutdown is 0', hint: 'Stop it by hand' });
    return;
  }
  if (have.status === 'up') steps.push(stopStep(name, have));
  steps.push({ ...apply, action: 'forget', item, unit: name, from: 'declared' });
}

function planUnit(pair: WantedPair, draft: Draft): void {
  const { name, have, want } = pair;
  if (have?.status === 'unknown') {
    if (want.status === 'unknown') return;
    const where = have.host === undefined ? 'several processes may be it' : `it belongs to ${have.host}`;
    draft.impossible.push({ item: labelOf(want), why: `${where}, so nobody here can say whether it runs` });
    return;
  }
  if (want.status === 'unknown')
    draft.left.push({ item: labelOf(want), why: 'the snapshot does not say whether it ran' });
  const isUp = have?.status === 'up';
  if (want.status !== 'up') {
    if (isUp && want.status === 'down') draft.steps.push(stopStep(name, have));
    planUpdate(pair, draft);
  } else if (isUp) planRunning({ ...pair, have }, draft);
  else planStart(pair, have ? 'down' : 'not declared', draft);
}

/** A unit that runs and should: it is left alone unless it has to be another process. */
function planRunning(pair: WantedPair & { readonly have: SessionUnit }, draft: Draft): void {
  const { name, have, want } = pair;
  const reason = restartReason(have, want);
  if (reason !== undefined) {
    draft.steps.push(stopStep(name, have, reason));
    planStart(pair, reason, draft);
    return;
  }
  planUpdate(pair, draft);
  if (want.exe !== undefined && have.exe !== want.exe) planOtherProgram(pair, want.exe, draft);
}

function planStart({ name, want, obstacle }: WantedPair, from: string, draft: Draft): void {
  const item = labelOf(want);
  const blocked = obstacle && obstacleRemark(item, obstacle);
  if (blocked) draft.impossible.push(blocked);
  if (obstacle?.code === 'other-program') draft.left.push({ item: `${item} executable`, why: OTHER_PROGRAM });
  const listens = want.fingerprint?.listen.length ?? 0;
  draft.steps.push({
    ...{ ...apply, action: 'start', item, unit: name, definition: want.definition, from, to: 'up' },
    ...(listens > 0 && { listens }),
  });
}

/** A start would not change the program, as things are: unless another layer brings it back before. */
function planOtherProgram({ name, have, want }: WantedPair, exe: Digest, { steps, left }: Draft): void {
  const item = labelOf(want);
  const isOurs = want.path !== undefined && !want.path.startsWith('/') && have?.path === want.path;
  if (!isOurs) left.push({ item: `${item} executable`, why: OTHER_PROGRAM });
  else
    steps.push({
      ...apply,
      action: 'restart',
      item,
      unit: name,
      definition: want.definition,
      exe,
      from: 'another executable',
    });
}

function planUpdate({ name, have, want }: WantedPair, { steps }: Draft): void {
  if (have && canonicalJson(have.definition) === canonicalJson(want.definition)) return;
  steps.push({
    ...{ ...apply, action: 'update', item: labelOf(want), unit: name, definition: want.definition },
    ...{ from: have ? 'edited' : 'not declared', to: 'declared' },
  });
}

/** Why a process that runs has to be another one; `undefined` if it is right, or if a start would not change it. */
function restartReason(have: SessionUnit, want: SessionUnit): string | undefined {
  if (effectiveLaunch(have) !== launchDigest(want.definition)) return 'another definition';
  if (want.exe === undefined || have.exe === want.exe) return undefined;
  const programNow = have.program ?? have.exe;
  return programNow === want.exe ? 'another executable' : undefined;
}

function stopStep(name: string, have: SessionUnit, from = 'up'): SessionStep {
  const item = labelOf(have);
  return { layer: 'session', phase: 'stop', action: 'stop', item, unit: name, from, to: 'down' };
}

function obstacleRemark(item: string, { code, what }: SessionObstacle): Remark | undefined {
  switch (code) {
    case 'no-program':
      return { item, why: `there is no program ${what} that can be executed` };
    case 'no-directory':
      return { item, why: `there is no directory ${what}` };
    case 'no-secret':
      return { item, why: `nobody knows ${what}`, hint: 'Add it to etc/secrets.yaml' };
    case 'no-scheme':
    case 'no-file':
      return { item, why: what };
    case 'other-program':
      return undefined;
  }
}

/** A unit that stays may hold the alias of one that is to come. */
function refuseTakenAliases(have: SessionBody, { steps, impossible }: Draft): void {
  const changed = new Set(steps.flatMap(({ action, unit }) => (action === 'stop' ? [] : (unit ?? []))));
  const staying = Object.values(have.units).filter(({ definition }) => !changed.has(definition.name));
  for (const { definition } of steps) {
    if (typeof definition?.alias !== 'string') continue;
    const holder = staying.find((unit) => unit.definition.alias === definition.alias);
    if (holder) impossible.push({ item: definition.alias, why: `its alias belongs to ${holder.definition.name}` });
  }
}
