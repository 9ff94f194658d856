import { SessionBody } from '../model/session.ts';
import type { Layer } from '../snapshot/layer.ts';
import { captureSession } from './capture.ts';
import { sessionContext, type SessionTools } from './context.ts';
import { describeSession } from './describe.ts';
import { diffSessions } from './diff.ts';
import type { ProgramDigests } from './digest-program.ts';
import { performStep } from './perform.ts';
import { planSession, type SessionStep } from './plan.ts';
import { sessionPaths } from './workspace.ts';

/** The session of a workspace as a layer of its snapshots: which units there are, how to launch them, and which are up. */
export function sessionLayer(tools: SessionTools): Layer<SessionBody, SessionStep> {
  // A program that many units run, or that is looked at before and after a load, is read once.
  const digests: ProgramDigests = new Map();
  return {
    kind: 'session',
    summary: 'units of the workspace and the processes that run of them',
    body: SessionBody,

    async probe({ files, workspace, state }) {
      if (await files.exists(sessionPaths(workspace, state).sessionFile).catch(() => false)) return { available: true };
      return { available: false, reason: `there is no session in ${workspace}` };
    },

    async capture(context, { purpose, want }) {
      const wanted = purpose === 'compare' && want !== undefined ? SessionBody.parse(want) : undefined;
      const { body, unresolved } = await captureSession(sessionContext(context, tools, context), digests, wanted);
      return { body, kept: [], notKept: await databases(body, context), unresolved };
    },

    describe: describeSession,
    diff: diffSessions,
    plan: planSession,
    apply: (step, context) => performStep(step, sessionContext(context, tools, context)),
  };
}

/** Databases of units are not captured yet: that is said. */
async function databases(
  { units }: SessionBody,
  { files, workspace, state }: Parameters<Layer['probe']>[0],
): Promise<{ readonly what: string; readonly bytes: number }[]> {
  const paths = sessionPaths(workspace, state);
  const found: { what: string; bytes: number }[] = [];
  for (const name of Object.keys(units)) {
    const size = (await files.stat(paths.db(name)))?.size;
    if (size !== undefined) found.push({ what: `db/${name}.db`, bytes: size });
  }
  return found;
}
