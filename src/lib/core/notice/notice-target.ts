/** The format of a notice: the documented body, or the one for Slack-compatible hooks. */
export const NOTICE_FORMATS = ['standard', 'slack'] as const;
export type NoticeFormat = (typeof NOTICE_FORMATS)[number];

/** A webhook. For some receivers, such as Slack, its address is a secret. */
export interface NoticeTarget {
  url: string;
  format: NoticeFormat;
}
