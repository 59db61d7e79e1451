import { register } from './index'

// `node --import hashira/register app.js`, `node --require hashira/register app.js`, `NODE_OPTIONS=--import=hashira/register`.
register()
