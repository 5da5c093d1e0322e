/** How a notice is written: the documented body, or what Slack-compatible hooks take. */
export const NOTICE_FORMATS = ['standard', 'slack'] as const;
export type NoticeFormat = (typeof NOTICE_FORMATS)[number];

/** A webhook. Its address is a secret with some receivers, Slack among them. */
export interface NoticeTarget {
  url: string;
  format: NoticeFormat;
}
