import type { Fingerprint } from '../model/fingerprint.ts';
import type { ShowReport, UnitView } from '../model/session-report.ts';
import type { ShowRequest } from '../model/session-request.ts';
import type { SessionContext } from './context.ts';
import { requireSession } from './context.ts';
import { launchDigest } from './definition.ts';
import { takeFingerprint } from './fingerprint.ts';
import { findUnits } from './find-units.ts';
import { knownSecrets } from './known-secrets.ts';
import { surveyUnits, type SurveyedUnit } from './survey.ts';
import { readProcessTable, treeMembers, type ProcessTable } from './tree.ts';

/** `/proc` counts in hundredths of a second, on every machine. */
const MS_PER_TICK = 10;

/** Looks at units; changes nothing. */
export async function showUnits({ units: wanted, fp }: ShowRequest, context: SessionContext): Promise<ShowReport> {
  await requireSession(context);
  const { units, flaws } = await surveyUnits(context, (declared) =>
    wanted.length === 0 ? declared : findUnits(wanted, declared),
  );
  const table = fp ? readProcessTable(context) : undefined;
  const views: UnitView[] = [];
  for (const unit of units) views.push(await viewOf(unit, table, context));
  return { schema: 'restage/session-show/1', workspace: context.paths.workspace, units: views, flaws };
}

async function viewOf(unit: SurveyedUnit, table: ProcessTable | undefined, context: SessionContext): Promise<UnitView> {
  const { definition, status, record } = unit;
  const { name, alias, uri, restart, shutdown } = definition;
  const running = status.is === 'running' ? status.identity : undefined;
  const fingerprint = table && (await fingerprintOf(unit, context, table));
  return {
    ...{ name, alias, status: status.is, pid: running?.pid ?? null },
    uptime: running ? Math.max(0, context.proc.uptimeTicks() - running.startTicks) * MS_PER_TICK : null,
    ...{ uri, restart, shutdown },
    ...(status.is === 'exited' ? { code: status.code, signal: status.signal } : { code: null, signal: null }),
    host: status.is === 'unknown' ? status.host : null,
    others:
      status.is === 'ambiguous'
        ? status.candidates
        : 'leftovers' in status
          ? status.leftovers.map(({ pid }) => pid)
          : [],
    edited: running !== undefined && record?.definition !== launchDigest(definition),
    ...(fingerprint && { fingerprint }),
  };
}

/** The fingerprint of a unit that runs, secrets masked. */
export async function fingerprintOf(
  { definition, status }: Pick<SurveyedUnit, 'definition' | 'status'>,
  context: SessionContext,
  table: ProcessTable = readProcessTable(context),
): Promise<Fingerprint | undefined> {
  if (status.is !== 'running') return undefined;
  const { identity, record } = status;
  const members = treeMembers({ known: [identity], launch: record.launch, scope: 'tree' }, context, table);
  const secrets = await knownSecrets(definition, context);
  return takeFingerprint({ identity, members, secrets }, context.proc);
}
