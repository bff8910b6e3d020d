// Clients of ts-mls, driven over standard input and output: one JSON object a line each way, bytes in hexadecimal.
// Usage: node driver.mjs FOLDER, where FOLDER holds the node_modules that package-lock.json describes.
import { createInterface } from "node:readline"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"

const library = (name) => import(pathToFileURL(join(resolve(process.argv[2]), "node_modules/ts-mls/dist/src", name)).href)
const mls = await library("index.js")
const { encodeRatchetTree, decodeRatchetTree } = await library("ratchetTree.js")
const { decodeGroupContext } = await library("groupContext.js")
const { createGroupInfo } = await library("createCommit.js")
const { defaultClientConfig } = await library("clientConfig.js")
const { getCiphersuiteNameFromId } = await library("crypto/ciphersuite.js")
const { signLeafNodeCommit: signLeafNode } = await library("leafNode.js")
const { treeHashRoot } = await library("treeHash.js")
const { validateRatchetTree } = await library("clientState.js")

const curves = await import(pathToFileURL(join(resolve(process.argv[2]), "node_modules/@noble/curves/nist.js")).href)

const hex = (bytes) => Buffer.from(bytes).toString("hex")
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"))
const clients = new Map()
const suites = new Map()

// Our own key packages say that they are valid for ever.
const config = { ...defaultClientConfig, lifetimeConfig: { maximumTotalLifetime: 2n ** 64n, validateLifetimeOnReceive: false } }

async function suiteOf(id) {
  if (!suites.has(id)) suites.set(id, await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(getCiphersuiteNameFromId(id))))
  return suites.get(id)
}

// RFC 9420 §5.1.1: a public key of ECDSA is an uncompressed point, which ts-mls compresses.
function uncompressed(suite, publicKey) {
  const curve = { 2: curves.p256, 5: curves.p521, 7: curves.p384 }[suite]
  return curve === undefined ? publicKey : curve.Point.fromBytes(publicKey).toBytes(false)
}

function client(name) {
  const found = clients.get(name)
  if (found === undefined) throw new Error(`no client ${name}`)
  return found
}

function decode(text, wireformat) {
  const input = bytes(text)
  const decoded = mls.decodeMlsMessage(input, 0)
  if (decoded === undefined || decoded[1] !== input.length) throw new Error("not an MLSMessage")
  if (wireformat !== undefined && decoded[0].wireformat !== wireformat) throw new Error(`${decoded[0].wireformat}, not ${wireformat}`)
  return decoded[0]
}

function tree(text) {
  if (text === undefined || text === null) return undefined
  const input = bytes(text)
  const decoded = decodeRatchetTree(input, 0)
  if (decoded === undefined || decoded[1] !== input.length) throw new Error("not a ratchet tree")
  return decoded[0]
}

function extensions(list) {
  return (list ?? []).map((entry) => ({ extensionType: entry.type, extensionData: bytes(entry.data) }))
}

function proposal(from) {
  switch (from.type) {
    case "add":
      return { proposalType: "add", add: { keyPackage: decode(from.keyPackage, "mls_key_package").keyPackage } }
    case "remove":
      return { proposalType: "remove", remove: { removed: from.removed } }
    case "psk":
      return {
        proposalType: "psk",
        psk: { preSharedKeyId: { psktype: "external", pskId: bytes(from.id), pskNonce: bytes(from.nonce) } },
      }
    case "resumption":
      return {
        proposalType: "psk",
        psk: {
          preSharedKeyId: {
            psktype: "resumption",
            usage: "application",
            pskGroupId: bytes(from.groupId),
            pskEpoch: BigInt(from.epoch),
            pskNonce: bytes(from.nonce),
          },
        },
      }
    default:
      throw new Error(`no proposal ${from.type}`)
  }
}

// RFC 9420 §12.4.3.2: the key in external_pub has its length before it, which ts-mls leaves out in either direction.
const withLength = (key) => new Uint8Array(key.length < 64 ? [key.length, ...key] : [0x40 | (key.length >> 8), key.length & 0xff, ...key])

function withoutLength(groupInfo) {
  const list = groupInfo.extensions.slice()
  list.find = (test) => {
    const found = Array.prototype.find.call(list, test)
    if (found?.extensionType !== "external_pub") return found
    return { ...found, extensionData: found.extensionData.slice(found.extensionData[0] < 0x40 ? 1 : 2) }
  }
  return { ...groupInfo, extensions: list }
}

const psks = (who) => mls.makePskIndex(who.state, who.psks)

// ts-mls keeps no private key for an Update of its own: it waits here until a commit takes it.
async function updateProposal(who) {
  const { cs, state } = who
  const keys = await cs.hpke.generateKeyPair()
  const { leafIndex } = state.privatePath
  const old = state.ratchetTree[leafIndex * 2].leaf
  const unsigned = {
    hpkePublicKey: await cs.hpke.exportPublicKey(keys.publicKey),
    signaturePublicKey: old.signaturePublicKey,
    credential: old.credential,
    capabilities: old.capabilities,
    extensions: old.extensions,
    leafNodeSource: "update",
    groupId: state.groupContext.groupId,
    leafIndex,
  }
  const { groupId, leafIndex: place, ...leafNode } = await signLeafNode(unsigned, state.signaturePrivateKey, cs.signature)
  who.updateKey = await cs.hpke.exportPrivateKey(keys.privateKey)
  return { proposalType: "update", update: { leafNode } }
}

function takeUpdateKey(who) {
  const { leafIndex, privateKeys } = who.state.privatePath
  who.state = { ...who.state, privatePath: { leafIndex, privateKeys: { ...privateKeys, [leafIndex * 2]: who.updateKey } } }
}

const operations = {
  async new({ name, suite, extensionTypes }) {
    const cs = await suiteOf(suite)
    const { publicKey, signKey } = await cs.signature.keygen()
    clients.set(name, { cs, keys: { publicKey: uncompressed(suite, publicKey), signKey }, extensionTypes, psks: {} })
    return {}
  },

  async keyPackage({ name }) {
    const who = client(name)
    const greased = mls.defaultCapabilities()
    const made = await mls.generateKeyPackageWithKey(
      { credentialType: "basic", identity: new TextEncoder().encode(name) },
      { ...greased, extensions: [...greased.extensions, ...who.extensionTypes] },
      mls.defaultLifetime,
      [],
      who.keys,
      who.cs,
    )
    who.self = made
    return { message: hex(mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: made.publicPackage })) }
  },

  async psk({ name, id, value }) {
    client(name).psks[mls.bytesToBase64(bytes(id))] = bytes(value)
    return {}
  },

  async create({ name, groupId, context }) {
    const who = client(name)
    const { publicPackage, privatePackage } = who.self
    who.state = await mls.createGroup(bytes(groupId), publicPackage, privatePackage, extensions(context), who.cs, config)
    return status(who)
  },

  async join({ name, welcome, ratchetTree }) {
    const who = client(name)
    const { publicPackage, privatePackage } = who.self
    const index = mls.makePskIndex(undefined, who.psks)
    const message = decode(welcome, "mls_welcome").welcome
    who.state = await mls.joinGroup(message, publicPackage, privatePackage, index, who.cs, tree(ratchetTree), undefined, config)
    return status(who)
  },

  async joinExternally({ name, groupInfo, ratchetTree, again }) {
    const who = client(name)
    const { publicPackage, privatePackage } = who.self
    const info = withoutLength(decode(groupInfo, "mls_group_info").groupInfo)
    const made = await mls.joinGroupExternal(info, publicPackage, privatePackage, again, who.cs, tree(ratchetTree), config)
    who.state = made.newState
    const message = mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage: made.publicMessage })
    return { message: hex(message), ...(await status(who)) }
  },

  async groupInfo({ name, withTree }) {
    const who = client(name)
    const { cs, state } = who
    const { publicKey } = await cs.hpke.deriveKeyPair(state.keySchedule.externalSecret)
    const told = [{ extensionType: "external_pub", extensionData: withLength(await cs.hpke.exportPublicKey(publicKey)) }]
    if (withTree) told.push({ extensionType: "ratchet_tree", extensionData: encodeRatchetTree(state.ratchetTree) })
    const groupInfo = await createGroupInfo(state.groupContext, state.confirmationTag, state, told, cs)
    return { message: hex(mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo })) }
  },

  async say({ name, text, data }) {
    const who = client(name)
    const said = await mls.createApplicationMessage(who.state, bytes(text), who.cs, bytes(data))
    who.state = said.newState
    const message = { version: "mls10", wireformat: "mls_private_message", privateMessage: said.privateMessage }
    return { message: hex(mls.encodeMlsMessage(message)) }
  },

  async propose({ name, open, what }) {
    const who = client(name)
    const wanted = what.type === "update" ? await updateProposal(who) : proposal(what)
    const made = await mls.createProposal(who.state, open, wanted, who.cs)
    who.state = made.newState
    return { message: hex(mls.encodeMlsMessage(made.message)) }
  },

  async commit({ name, open, proposals, treeInWelcome }) {
    const who = client(name)
    const made = await mls.createCommit(
      { state: who.state, pskIndex: psks(who), cipherSuite: who.cs },
      { wireAsPublicMessage: open, extraProposals: proposals.map(proposal), ratchetTreeExtension: treeInWelcome },
    )
    who.state = made.newState
    const welcome = made.welcome && hex(mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: made.welcome }))
    return { message: hex(mls.encodeMlsMessage(made.commit)), welcome, ...(await status(who)) }
  },

  async handle({ name, message, updated }) {
    const who = client(name)
    if (updated) takeUpdateKey(who)
    const decoded = decode(message)
    const index = psks(who)
    if (decoded.wireformat === "mls_private_message") {
      const handled = await mls.processPrivateMessage(who.state, decoded.privateMessage, index, who.cs)
      who.state = handled.newState
      if (handled.kind === "applicationMessage") return { plaintext: hex(handled.message) }
    } else if (decoded.wireformat === "mls_public_message") {
      who.state = (await mls.processPublicMessage(who.state, decoded.publicMessage, index, who.cs)).newState
    } else {
      throw new Error(`${decoded.wireformat} is not sent to a group`)
    }
    return who.state.groupActiveState.kind === "removedFromGroup" ? { removed: true } : status(who)
  },

  async validateTree({ suite, context, ratchetTree }) {
    const cs = await suiteOf(suite)
    const groupContext = decodeGroupContext(bytes(context), 0)[0]
    const nodes = tree(ratchetTree)
    const found = await validateRatchetTree(nodes, groupContext, config.lifetimeConfig, config.authService, groupContext.treeHash, cs)
    return { valid: found === undefined, why: found?.message, treeHash: hex(await treeHashRoot(nodes, cs.hash)) }
  },

  async forget() {
    clients.clear()
    return {}
  },
}

async function status({ state, cs }) {
  return {
    epoch: Number(state.groupContext.epoch),
    authenticator: hex(state.keySchedule.epochAuthenticator),
    exported: hex(await mls.mlsExporter(state.keySchedule.exporterSecret, "differential", new Uint8Array([1, 2, 3]), 32, cs)),
    treeHash: hex(state.groupContext.treeHash),
    transcript: hex(state.groupContext.confirmedTranscriptHash),
    ratchetTree: hex(encodeRatchetTree(state.ratchetTree)),
    leaf: state.privatePath.leafIndex,
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  let answer
  try {
    answer = await operations[request.op](request)
  } catch (problem) {
    answer = { error: `${problem?.message ?? problem}` }
  }
  process.stdout.write(JSON.stringify(answer) + "\n")
}
