// The other end of a hand-over: a worker thread, a child process or a worker of a cluster says which span it is in.
import cluster from 'node:cluster'
import { parentPort, workerData } from 'node:worker_threads'
import { runWithCarrier, spanOf } from '@hashira/core'

const spanId = (carrier) => runWithCarrier(carrier, () => spanOf()?.spanContext().spanId ?? 'none')
const answer = (carrier) => ({ alone: spanOf()?.spanContext().spanId ?? 'none', handed: spanId(carrier) })

if (parentPort !== null) {
  parentPort.postMessage(answer(workerData))
} else if (process.env.CARRIER !== undefined) {
  console.log(JSON.stringify(answer(JSON.parse(process.env.CARRIER))))
} else {
  process.on('message', (carrier) => {
    process.send({ ...answer(carrier), isClusterWorker: cluster.isWorker }, () => process.disconnect())
  })
  process.send('ready')
}
