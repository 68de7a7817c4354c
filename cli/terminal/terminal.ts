/** The outside world of a command, so that commands are functions and tests can hold the other end. */
export type Terminal = {
  /** Results. */
  out: (line: string) => void;
  /** Progress, questions and errors. */
  err: (line: string) => void;
  /** Asks a person, when there is one. */
  ask: (question: string) => Promise<string>;
  /** Whether a person sits at both ends. */
  interactive: boolean;
  /** Of the screen; 100 where it is none. */
  columns: number;
  /** Whether colours are shown. */
  color: boolean;
  /** The environment variables that commands know. */
  env: {
    COUNTERSIGN_URL?: string | undefined;
    COUNTERSIGN_KEY?: string | undefined;
    REDIS_URL?: string | undefined;
    PATH?: string | undefined;
    /** What messages are sent with: services/notifier/channels/settings.ts. */
    PUBLIC_URL?: string | undefined;
    SMTP_URL?: string | undefined;
    MAIL_FROM?: string | undefined;
    TWILIO_ACCOUNT_SID?: string | undefined;
    TWILIO_AUTH_TOKEN?: string | undefined;
    TWILIO_FROM?: string | undefined;
    /** Where traces go: services/notifier/traces/settings.ts. */
    TRACE_REVIEWERS?: string | undefined;
    [openTelemetry: `OTEL_${string}`]: string | undefined;
  };
  /** Resolves when somebody asked the process to end (Ctrl-C, SIGTERM); a second request resolves the second. */
  interrupted: () => Promise<void>;
};
