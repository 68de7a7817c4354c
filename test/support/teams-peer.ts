/**
 * A stateful stand-in for a workflow of Teams that posts what its webhook is given: adaptive cards and nothing else,
 * 28 KB at most. It reads a card as a client does: Markdown works in text blocks and facts, and nowhere else.
 */
import { z } from 'zod';
import { type Call, type HttpPeer, json, type Reply, startHttpPeer } from './http-peer.ts';

const TextRun = z.strictObject({
  type: z.literal('TextRun'),
  text: z.string(),
  weight: z.enum(['Default', 'Lighter', 'Bolder']).optional(),
  isSubtle: z.boolean().optional(),
});
const spacing = z.enum(['None', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding']).optional();
const TextBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string(),
  wrap: z.boolean().optional(),
  size: z.enum(['Default', 'Small', 'Medium', 'Large', 'ExtraLarge']).optional(),
  weight: z.enum(['Default', 'Lighter', 'Bolder']).optional(),
  color: z.enum(['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention']).optional(),
  spacing,
});
const RichTextBlock = z.strictObject({
  type: z.literal('RichTextBlock'),
  inlines: z.array(TextRun).min(1),
  spacing,
});
const Container = z.strictObject({
  type: z.literal('Container'),
  id: z.string().optional(),
  style: z.enum(['default', 'emphasis']).optional(),
  get items() {
    return z.array(Element).min(1);
  },
});
const Element = z.discriminatedUnion('type', [TextBlock, RichTextBlock, Container]);
type Element = z.infer<typeof Element>;

const Message = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null().optional(),
        content: z.strictObject({
          $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json').optional(),
          type: z.literal('AdaptiveCard'),
          version: z.literal('1.4'),
          msteams: z.strictObject({ width: z.literal('Full') }).optional(),
          body: z.array(Element).min(1),
          actions: z
            .array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string(), url: z.url() }))
            .max(6)
            .optional(),
        }),
      }),
    )
    .length(1),
});

/** A card as it hangs in the channel. */
export type PostedCard = {
  /** The id of its first element: what tells a workflow that two are the same. */
  id: string | undefined;
  bytes: number;
  /** All texts in their order, as a reader sees them. */
  text: string;
  /** The texts in which Markdown works. */
  marked: string[];
  links: string[];
};

export type TeamsPeer = HttpPeer & {
  cards: PostedCard[];
  /** The address that the workflow gave out: its signature is the credential. */
  webhook: string;
};

const largest = 28 * 1_024;
const path = '/workflows/1f/triggers/manual/paths/invoke?sp=%2Ftriggers&sig=very-secret-signature';

export async function startTeamsPeer(): Promise<TeamsPeer> {
  const cards: PostedCard[] = [];

  function handle(call: Call): Reply {
    const problem = (status: number, code: string, message: string) =>
      json(status, { error: { code, message } });
    if (call.method !== 'POST' || !call.path.startsWith('/workflows/'))
      return problem(404, 'WorkflowNotFound', 'The workflow could not be found.');
    if (call.path !== path)
      return problem(401, 'DirectApiAuthorizationRequired', 'The signature does not match.');
    const bytes = Buffer.byteLength(call.text);
    if (bytes > largest) return problem(413, 'RequestEntityTooLarge', 'Request Entity Too Large');
    const parsed = Message.safeParse(JSON.parse(call.text));
    if (!parsed.success) return problem(400, 'TriggerInputSchemaMismatch', parsed.error.message);
    const [attachment] = parsed.data.attachments;
    if (attachment === undefined) throw new Error('no attachment');
    const { body, actions = [] } = attachment.content;
    const [first] = body;
    const elements = body.flatMap(flattened);
    cards.push({
      id: first?.type === 'Container' ? first.id : undefined,
      bytes,
      text: elements.map(textOf).join('\n'),
      marked: elements.flatMap((element) => (element.type === 'TextBlock' ? [element.text] : [])),
      links: actions.map(({ url }) => url),
    });
    return { status: 202 };
  }

  const peer = await startHttpPeer(handle);
  return { ...peer, cards, webhook: peer.url + path };
}

type Leaf = Exclude<Element, { type: 'Container' }>;

function flattened(element: Element): Leaf[] {
  return element.type === 'Container' ? element.items.flatMap(flattened) : [element];
}

function textOf(element: Leaf): string {
  return element.type === 'TextBlock' ? element.text : element.inlines.map(({ text }) => text).join('');
}
