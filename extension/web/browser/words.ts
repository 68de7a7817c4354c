/** `browser.i18n` from the extension's own message files. */
import messages from '../../public/_locales/en/messages.json';

const sentences: Record<string, { message: string } | undefined> = messages;

/** The sentence with `$1`, `$2`, … replaced; `$$` is a dollar. Empty for a phrase that there is not, as browsers have it. */
export function getMessage(phrase: string, values: string[] = []): string {
  const { message = '' } = sentences[phrase] ?? {};
  return message.replaceAll(/\$([$1-9])/g, (_, mark) =>
    mark === '$' ? '$' : (values[Number(mark) - 1] ?? ''),
  );
}
