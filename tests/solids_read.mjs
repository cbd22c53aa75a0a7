// Opens a GLB with Khronos' validator, or a USDZ with three.js, and prints what it found as JSON.
// usage: node solids_read.mjs NODE_MODULES FILE
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, path] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(path));
const load = (name) => import(pathToFileURL(`${modules}/${name}`).href);

async function validated() {
  const validator = createRequire(`${modules}/x.js`)("gltf-validator");
  const report = await validator.validateBytes(bytes);
  return { errors: report.issues.numErrors, warnings: report.issues.numWarnings, messages: report.issues.messages };
}

async function composed() {
  // The loader asks a browser for an image; which one is all that matters here.
  globalThis.self = globalThis;
  globalThis.document = { createElementNS: () => ({ addEventListener() {}, removeEventListener() {} }) };
  const THREE = await load("three/build/three.module.js");
  const { USDLoader } = await load("three/examples/jsm/loaders/USDLoader.js");
  const group = new USDLoader().parse(bytes.buffer);
  const found = { meshes: [] };
  group.updateMatrixWorld(true);
  group.traverse((node) => {
    if (node.isMesh)
      found.meshes.push({
        corners: node.geometry.attributes.position.count,
        attributes: Object.keys(node.geometry.attributes).sort(),
        textured: Boolean(node.material.map),
        roughness: node.material.roughness,
        metalness: node.material.metalness,
      });
  });
  const box = new THREE.Box3().setFromObject(group);
  return { ...found, min: box.min.toArray(), max: box.max.toArray() };
}

console.log(JSON.stringify(path.endsWith(".glb") ? await validated() : await composed()));
