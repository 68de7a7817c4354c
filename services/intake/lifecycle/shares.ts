/** What a request takes of limits over time. */
import type { RequestRecord, Share } from '@countersign/shared/request';

/** The request with what it takes by the answer that judges it now; as it is where nobody has counted. */
export function taking(request: RequestRecord, shares: Share[] | undefined): RequestRecord {
  return shares === undefined ? request : { ...request, shares };
}
