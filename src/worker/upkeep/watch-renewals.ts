import type { Logger } from 'pino';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { explainGate } from '../../lib/core/gate/explain-gate.ts';
import { explainObstacle, FAILED_OR_SLOW } from '../../lib/core/renewal/explain-not-renewed.ts';
import { areKeptAlive, LATE_MS } from '../../lib/core/renewal/late-renewals.ts';
import type { GateStore } from '../../lib/gate/gate-store.ts';
import { type Notices, noticeId } from '../../lib/notice/notice.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { BatchWatch } from '../../lib/store/batch-watch.ts';
import { passOver } from './pass-over.ts';
import { TOP_ERRORS } from './send-batch-notices.ts';

export interface LateRenewalContext {
  store: Pick<BatchStore, 'readErrors'>;
  overview: Pick<BatchOverview, 'countExpiring'>;
  gateStore: Pick<GateStore, 'read'>;
  watch: Pick<BatchWatch, 'listArranged' | 'readNotify'>;
  notices: Notices;
  now: () => number;
  log: Logger;
}

/** Sends a notice, once a day for each batch, that its sessions expire although they should be kept alive. */
export class LateRenewals {
  readonly #context: LateRenewalContext;
  /** The notices of this process; the queue of notices remembers those of all processes. */
  readonly #sent = new Map<string, string>();

  constructor(context: LateRenewalContext) {
    this.#context = context;
  }

  async look(): Promise<void> {
    const { watch, now, log } = this.#context;
    const nowMs = now();
    for await (const batch of watch.listArranged()) {
      if (!areKeptAlive(batch, nowMs)) continue;
      await passOver(log, batch.id, () => this.#judge(batch, nowMs));
    }
  }

  async #judge(batch: Batch, nowMs: number): Promise<void> {
    const { store, overview, gateStore, watch, notices, log } = this.#context;
    const sessions = await overview.countExpiring(batch.id, nowMs, LATE_MS);
    if (sessions === 0) return;
    const { gate, nowMs: gateNowMs } = await gateStore.read();
    const [notify, errors] = await Promise.all([
      watch.readNotify(batch.id),
      store.readErrors(batch.id, TOP_ERRORS),
    ]);
    const facts = { batch, gate, workers: 1, workerRefusal: null, nowMs: gateNowMs };
    const reason = explainObstacle(facts) ?? explainGate(gate, gateNowMs) ?? FAILED_OR_SLOW;
    const about = { batch, errors, notify, sessions, reason, atMs: nowMs };
    const notice = { kind: 'sessions_expire', ...about } as const;
    if (this.#sent.get(batch.id) === noticeId(notice)) return;
    await notices.send(notice);
    this.#sent.set(batch.id, noticeId(notice));
    log.warn({ batch: batch.id, sessions, reason }, 'sessions expire unrenewed');
  }
}
