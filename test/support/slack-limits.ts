/** Limits of Block Kit and of modals as documented: https://docs.slack.dev/reference/block-kit */
import type { JsonObject } from '@countersign/shared/contracts';

/** What is wrong with a message's blocks; empty when Slack takes them. */
export function blockFaults(blocks: JsonObject[], most = 50): string[] {
  const ids = blocks.flatMap(({ block_id }) => (block_id === undefined ? [] : [block_id]));
  return [
    ...(blocks.length > most ? [`${blocks.length} blocks`] : []),
    ...(new Set(ids).size < ids.length ? ['two blocks of one id'] : []),
    ...blocks.flatMap(blockFault),
  ];
}

function blockFault(block: JsonObject): string[] {
  switch (block.type) {
    case 'header':
      return textFaults(block.text, 150, ['plain_text']);
    case 'section': {
      const fields = (block.fields ?? []) as JsonObject[];
      return [
        ...(block.text === undefined && fields.length === 0 ? ['a section of nothing'] : []),
        ...(block.text === undefined ? [] : textFaults(block.text, 3_000)),
        ...(fields.length > 10 ? ['more than 10 fields'] : []),
        ...fields.flatMap((field) => textFaults(field, 2_000)),
      ];
    }
    case 'context': {
      const elements = (block.elements ?? []) as JsonObject[];
      const count = elements.length === 0 || elements.length > 10;
      return [
        ...(count ? ['a context of none or more than 10'] : []),
        ...elements.flatMap((each) => textFaults(each, 3_000)),
      ];
    }
    case 'actions': {
      const elements = (block.elements ?? []) as JsonObject[];
      const names = new Set(elements.map(({ action_id }) => action_id));
      const count = elements.length === 0 || elements.length > 25;
      return [
        ...(count ? ['no buttons or more than 25'] : []),
        ...(names.size < elements.length ? ['two buttons of one action_id'] : []),
        ...elements.flatMap(buttonFaults),
      ];
    }
    case 'input': {
      const element = block.element as JsonObject;
      return [
        ...textFaults(block.label, 2_000, ['plain_text']),
        ...limited('max_length', Number(element.max_length ?? 0), 3_000),
      ];
    }
    default:
      return [`a block of type ${String(block.type)}`];
  }
}

function buttonFaults(button: JsonObject): string[] {
  const confirm = button.confirm as JsonObject | undefined;
  return [
    ...textFaults(button.text, 75, ['plain_text']),
    ...limited('value', String(button.value ?? '').length, 2_000),
    ...limited('url', String(button.url ?? '').length, 3_000),
    ...limited('action_id', String(button.action_id ?? '').length, 255),
    ...(confirm === undefined
      ? []
      : [
          ...textFaults(confirm.title, 100, ['plain_text']),
          ...textFaults(confirm.text, 300),
          ...textFaults(confirm.confirm, 30, ['plain_text']),
          ...textFaults(confirm.deny, 30, ['plain_text']),
        ]),
  ];
}

const limited = (what: string, length: number, most: number): string[] =>
  length > most ? [`${what} of ${length}, more than ${most}`] : [];

function textFaults(value: unknown, most: number, types = ['plain_text', 'mrkdwn']): string[] {
  const { type, text } = (value ?? {}) as JsonObject;
  if (typeof text !== 'string' || text.length === 0) return ['an empty text'];
  if (!types.includes(String(type))) return [`a text of type ${String(type)}`];
  return limited('text', text.length, most);
}

/** What is wrong with a message's metadata. */
export function metadataFaults(metadata: unknown): string[] {
  if (metadata === undefined) return [];
  const { event_type, event_payload } = metadata as JsonObject;
  const whole = typeof event_type === 'string' && typeof event_payload === 'object' && event_payload !== null;
  return whole
    ? limited('metadata', JSON.stringify(metadata).length, 8_000)
    : ['metadata without type or payload'];
}

/** What is wrong with a modal. */
export function viewFaults(view: JsonObject): string[] {
  return [
    ...(view.type === 'modal' ? [] : ['no modal']),
    ...textFaults(view.title, 24, ['plain_text']),
    ...(view.submit === undefined ? [] : textFaults(view.submit, 24, ['plain_text'])),
    ...(view.close === undefined ? [] : textFaults(view.close, 24, ['plain_text'])),
    ...limited('private_metadata', String(view.private_metadata ?? '').length, 3_000),
    ...limited('callback_id', String(view.callback_id ?? '').length, 255),
    ...blockFaults((view.blocks ?? []) as JsonObject[], 100),
  ];
}
