export { type Loaded, loadRequest, loadRequests } from '@countersign/shared/request';
