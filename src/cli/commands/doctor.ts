import { EXIT } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import { tableText } from '../render/table.ts';
import type { Check, CheckResult } from './general/contract.ts';
import { snapshotChecks } from './general/snapshot-checks.ts';

/** A check with what it found. */
type Finding = Omit<Check, 'probe'> & CheckResult;

/** `restage doctor`: what works here, what does not, and why. 0 unless something is missing without which nothing works. */
export async function runDoctor(context: CommandContext): Promise<number> {
  const { engine, print } = context;
  const checks = [...(await (await engine.general()).checks()), ...(await snapshotChecks(context))];
  const areas = [...new Set(checks.map(({ area }) => area))];
  const sorted = checks.toSorted((a, b) => areas.indexOf(a.area) - areas.indexOf(b.area));
  const findings = await Promise.all(sorted.map(examine));
  const missing = findings.filter(({ available, required }) => !available && required === true);
  print(
    { schema: 'restage/doctor/1', ok: missing.length === 0, checks: findings },
    `${tableText(['area', 'what', 'here', 'about'], findings.map(rowOf))}\n\n${summaryOf(findings)}`,
  );
  return missing.length === 0 ? EXIT.done : EXIT.notPossible;
}

async function examine(check: Check): Promise<Finding> {
  const { area, id, summary, required, remedy } = check;
  return {
    ...{ area, id, summary, ...(await check.probe()) },
    ...(required !== undefined && { required }),
    ...(remedy !== undefined && { remedy }),
  };
}

function rowOf(finding: Finding): readonly string[] {
  const { area, id, summary, available, required, remedy } = finding;
  if (available) return [area, id, 'yes', finding.note ?? summary];
  const words = [`${summary}: ${finding.reason}`, ...(remedy === undefined ? [] : [remedy])];
  return [area, id, required ? 'MISSING' : 'no', words.join('; ')];
}

function summaryOf(findings: readonly Finding[]): string {
  const here = findings.filter(({ available }) => available).length;
  const required = findings.filter((finding) => !finding.available && finding.required).map(({ id }) => id);
  const end =
    required.length === 0 ? 'nothing that is required is missing' : `required and missing: ${required.join(', ')}`;
  return `${here} of ${findings.length} work here; ${end}`;
}
