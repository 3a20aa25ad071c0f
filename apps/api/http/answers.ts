import { UseInterceptors } from '@nestjs/common';
import { EtagInterceptor } from './etag.interceptor.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

/**
 * For controllers of things that are edited or started: ETags, and answers that can be asked for again. Not for
 * streams: behind an interceptor they begin before it is known whether they can.
 */
export const WithRepeatableAnswers = () => UseInterceptors(EtagInterceptor, IdempotencyInterceptor);
