import type { NoticeFormat } from '../core/notice/notice-target.ts';
import type { Notice } from './notice.ts';
import { composeSlackBody } from './slack-body.ts';
import { type ComposeContext, composeStandardBody } from './standard-body.ts';

/** A notice in the form in which it is sent. */
export function composeBody(notice: Notice, format: NoticeFormat, context: ComposeContext): string {
  const body = composeStandardBody(notice, context);
  switch (format) {
    case 'standard':
      return JSON.stringify(body);
    case 'slack':
      return JSON.stringify(composeSlackBody(body));
  }
}
