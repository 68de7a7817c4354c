/** Keys, people, pairing, destinations, push subscriptions and freezes. */
import { z } from 'zod';
import { DestinationKind, FreezeScope, Role, Tier } from './names.ts';

/** Ids of people and groups: short, lower case, safe in a path. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$/, 'letters, digits and . _ @ -, at most 80');

export const CreateKey = z
  .strictObject({
    roles: z.array(Role).min(1),
    owner: Id,
    agents: z
      .array(z.string().max(200))
      .optional()
      .meta({ description: 'Globs of agent names; absent for an agent key means none.' }),
    trusted_context: z.boolean().optional(),
    callback_origin: z.url({ protocol: /^https?$/ }).optional(),
  })
  .meta({ id: 'CreateKey' });
export type CreateKey = z.infer<typeof CreateKey>;

export const CreatedKey = z
  .object({ id: z.string(), key: z.string(), callback_secret: z.string().optional() })
  .meta({ id: 'CreatedKey' });
export type CreatedKey = z.infer<typeof CreatedKey>;
export const KeyView = z
  .object({
    id: z.string(),
    roles: z.array(Role),
    owner: z.string(),
    agents: z.array(z.string()).optional(),
    trusted_context: z.boolean(),
    callback_origin: z.string().optional(),
    created_at: z.iso.datetime(),
    revoked_at: z.iso.datetime().optional(),
  })
  .meta({ id: 'Key' });
export type KeyView = z.infer<typeof KeyView>;

export const Person = z
  .strictObject({
    id: Id,
    name: z.string().min(1).max(200),
    email: z.email().max(320).optional(),
    phone: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, 'a number in international form, such as +4915112345678')
      .optional()
      .meta({ description: 'For text messages.' }),
    slack_user_id: z
      .string()
      .regex(/^[UW][A-Z0-9]{2,30}$/, 'a member id of Slack, such as U012AB3CD')
      .optional()
      .meta({ description: 'Who presses a button in Slack is this person.' }),
    slack_team_id: z
      .string()
      .regex(/^[TE][A-Z0-9]{2,30}$/, 'an id of a Slack workspace, such as T012AB3CD, or of an organization')
      .optional()
      .meta({
        description:
          'The Slack in which `slack_user_id` is theirs, and nowhere else. Absent: that of the oldest Slack destination in use.',
      }),
    groups: z.array(Id).max(100),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

/** A person as an admin sends them: in no group unless it says so. */
export const PutPerson = Person.extend({ groups: Person.shape.groups.default([]) }).meta({ id: 'PutPerson' });

/** A one-time code for a person who is to install the extension. */
export const CreatePairCode = z
  .strictObject({ person: Id, roles: z.array(Role).min(1).optional() })
  .meta({ id: 'CreatePairCode' });
export type CreatePairCode = z.infer<typeof CreatePairCode>;
export const PairCode = z.object({ code: z.string(), expires_at: z.iso.datetime() }).meta({ id: 'PairCode' });
export type PairCode = z.infer<typeof PairCode>;
export const Pair = z
  .strictObject({ code: z.string().max(40), device: z.string().max(200).optional() })
  .meta({ id: 'Pair' });
export type Pair = z.infer<typeof Pair>;
export const Paired = z
  .object({
    key: z.string(),
    key_id: z.string(),
    workspace: z.string(),
    person: Person,
    vapid_public_key: z.string(),
  })
  .meta({ id: 'Paired' });
export type Paired = z.infer<typeof Paired>;

const Match = z.strictObject({
  agents: z.array(z.string()).optional(),
  tools: z.array(z.string()).optional(),
  tiers: z.array(Tier).optional(),
  groups: z.array(z.string()).optional(),
  events: z.array(z.string()).optional(),
});

export const CreateDestination = z
  .strictObject({
    name: z.string().min(1).max(200),
    kind: DestinationKind,
    url: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional(),
    secret: z
      .string()
      .max(500)
      .optional()
      .meta({ description: 'Signs webhooks; the routing key of PagerDuty; the bot token of Slack.' }),
    signing_secret: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'Of the Slack app: verifies that a pressed button comes from Slack.' }),
    to: z
      .array(z.string().min(1).max(320))
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'Conversation ids of Slack, e-mail addresses, phone numbers.' }),
    headers: z.record(z.string(), z.string().max(2_000)).optional(),
    match: Match.optional(),
  })
  .meta({ id: 'CreateDestination' });
export type CreateDestination = z.infer<typeof CreateDestination>;
export const CreatedDestination = z
  .object({ id: z.string(), secret: z.string().optional() })
  .meta({ id: 'CreatedDestination' });
export type CreatedDestination = z.infer<typeof CreatedDestination>;

/** What to change about a destination. What is absent stays. */
export const UpdateDestination = CreateDestination.omit({ kind: true })
  .partial()
  .extend({
    disabled: z
      .literal(false)
      .optional()
      .meta({ description: 'Takes it into use again, and forgets its failures.' }),
    revision: z.number().int().optional().meta({
      description:
        'As it was read: should the destination have changed since, nothing is changed (409 `destination_changed`). Without it, what the body names is changed in whatever the destination is by then.',
    }),
  })
  .meta({ id: 'UpdateDestination' });
export type UpdateDestination = z.infer<typeof UpdateDestination>;

/** A destination as listed: its secret and header values are never shown again. */
export const DestinationView = z
  .object({
    id: z.string(),
    revision: z.number().int().meta({ description: 'Grows with every change.' }),
    name: z.string(),
    kind: DestinationKind,
    url: z.string().optional(),
    to: z.array(z.string()).optional(),
    header_names: z.array(z.string()),
    match: Match.optional(),
    disabled: z.object({ at: z.iso.datetime(), reason: z.string() }).optional(),
    failing: z
      .object({ since: z.iso.datetime(), attempts: z.number().int() })
      .optional()
      .meta({ description: 'Every attempt since then has failed.' }),
    held_until: z.iso.datetime().optional().meta({
      description: 'It answered Retry-After: nothing is sent to it until then.',
    }),
    public_key: z.string().optional().meta({
      description:
        'Of a webhook: `whpk_…` verifies its `v1a` signatures. The same for all of an installation.',
    }),
    previous_secret_until: z.iso.datetime().optional(),
    created_at: z.iso.datetime(),
    created_by: z.string().optional().meta({ description: 'Who added it, where that was kept.' }),
  })
  .meta({ id: 'Destination' });
export type DestinationView = z.infer<typeof DestinationView>;

export const PushSubscriptionBody = z
  .strictObject({
    endpoint: z.url({ protocol: /^https?$/ }).max(2_000),
    expirationTime: z.number().nullable().optional(),
    keys: z.strictObject({ p256dh: z.string().max(200), auth: z.string().max(100) }),
  })
  .meta({ id: 'PushSubscription' });
export type PushSubscriptionBody = z.infer<typeof PushSubscriptionBody>;

export const CreateFreeze = z
  .strictObject({
    scope: FreezeScope,
    match: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'Glob of the agent or tool; not with scope workspace.' }),
    reason: z.string().min(1).max(2_000),
  })
  .meta({ id: 'CreateFreeze' });
export type CreateFreeze = z.infer<typeof CreateFreeze>;
export const FreezeView = z
  .object({
    id: z.string(),
    scope: FreezeScope,
    match: z.string().optional(),
    reason: z.string(),
    set_by: z.string(),
    set_at: z.iso.datetime(),
    lifted_at: z.iso.datetime().optional(),
    lifted_by: z.string().optional(),
  })
  .meta({ id: 'Freeze' });
export type FreezeView = z.infer<typeof FreezeView>;

/** `GET /v1/me`: who this key speaks for, so that a surface can greet its person. */
export const Me = z
  .object({
    contract: z.number().int().meta({ description: 'Version of this contract: clients compare it.' }),
    workspace: z.string(),
    key_id: z.string(),
    roles: z.array(Role),
    person: Person,
    vapid_public_key: z.string(),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;
