import type { Trouble } from '../api/trouble.ts';
import { say } from '../words/say.ts';

/** What went wrong and what to do, in a sentence. The server's own detail where nothing kinder is known. */
export function troubleText(trouble: Trouble): string {
  switch (trouble.code) {
    case 'unreachable':
      return say('trouble_unreachable');
    case 'not_understood':
      return say('trouble_not_understood');
    case 'not_permitted':
      return say('trouble_not_permitted');
    case 'pair_code_invalid':
      return say('trouble_pair_code');
    case 'unauthorized':
      return say('trouble_unauthorized');
    case 'not_found':
      return say('trouble_not_found');
    case 'not_your_request':
      return trouble.detail || say('trouble_not_yours');
    case 'already_decided':
      return say('trouble_already_decided');
    case 'stale':
      return say('trouble_stale');
    default:
      return trouble.detail || say('trouble_other', trouble.code);
  }
}
