/** The sealed log: intake erases; the rest is the ledger's, and described here. */
import { Erase, Erasing, problem } from '@countersign/shared/contracts';
import { type Fetch, ledgerCalls } from '@countersign/shared/http';
import { erasePerson, eraseRequest } from '../../requests/erase.ts';
import type { Routes } from '../route.ts';

/** Mounts them. @param ledger absent: it is another process, and the front knows the way. */
export function auditRoutes(routes: Routes, ledger: Fetch | undefined): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/audit/erase',
      summary: 'Erase the texts of a request, or the name of a person in the log. Proofs verify as before.',
      roles: ['admin'],
      body: Erase,
      answers: { 202: { description: 'It is on record, and being done.', schema: Erasing } },
      problems: ['still_pending', 'too_busy', 'invalid_request'],
    },
    async ({ service, caller, body, c }) => {
      const erasing =
        'person' in body
          ? await erasePerson(service, caller, body.person)
          : await eraseRequest(service, caller, body.request_id);
      return 'code' in erasing ? erasing : c.json(erasing, 202);
    },
  );
  for (const facts of Object.values(ledgerCalls)) {
    if (ledger !== undefined) routes.pass(facts, ledger);
    else
      routes.add(facts, () =>
        problem('not_found', 'The ledger answers this. Ask it, or the front before both.'),
      );
  }
}
