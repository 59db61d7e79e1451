export { awsAnswer, awsErrorOf } from './aws-answer'
export { awsEndpoint, awsRegionOption, requiredRegion } from './aws-region'
export { type AwsSigner, type AwsSignerOptions, awsSigner } from './aws-signer'
export type { AwsCredentials, AwsCredentialsProvider } from './credentials'
