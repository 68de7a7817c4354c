/** What a destination of kind `slack` has to have. */
import type { CreateDestination } from '@countersign/shared/contracts';

/** What is wrong with it, in a sentence; undefined when nothing is. */
export function slackDestinationFault({ secret, to, signing_secret }: CreateDestination): string | undefined {
  if (secret === undefined || !/^xoxb-[\w-]{8,}$/.test(secret)) {
    return 'secret: a slack destination needs the bot token of its app, which begins with xoxb-.';
  }
  const odd = (to ?? ['']).find((id) => !/^[CGD][A-Z0-9]{2,30}$/.test(id));
  if (odd !== undefined) {
    return 'to: a slack destination needs ids of conversations, such as C012AB3CD. The details of a channel in Slack show its id.';
  }
  // The empty secret of a form that nobody filled in would let anyone sign.
  if (signing_secret !== undefined && !/^[A-Za-z0-9]{32,}$/.test(signing_secret)) {
    return 'signing_secret: must be the signing secret of the app, 32 characters or more. Without one, messages have no buttons that decide.';
  }
  return undefined;
}
