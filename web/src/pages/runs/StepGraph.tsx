import { Background, Controls, Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import ELK from "elkjs/lib/elk-api.js";
import { useEffect, useMemo, useState } from "react";
import { duration } from "../../data/format";
import { edgesOf, type Step } from "../../data/steps";
import { Status, Text } from "../../ui/base";

type StepNode = Node<{ step: Step; chosen: boolean }, "step">;

const WIDTH = 190;
const HEIGHT = 62;

function StepBox({ data: { step, chosen } }: NodeProps<StepNode>) {
  return (
    <div className={`step-box ${chosen ? "chosen" : ""}`}>
      <Handle type="target" position={Position.Left} />
      <span className="step-name" title={step.path}>
        <Text>{step.path}</Text>
      </span>
      <span className="row">
        <Status of={step.state} /> {step.ended !== null && <span className="dim">{duration(step.ended - step.begun)}</span>}
      </span>
      <Handle type="source" position={Position.Right} />
    </div>
  );
}
const nodeTypes = { step: StepBox };

const elk = new ELK({ workerFactory: () => new Worker(new URL("elkjs/lib/elk-worker.min.js", import.meta.url)) });

/** Steps from left to right in the order in which one waited for the other. */
export default function StepGraph({ steps, selected, select }: { steps: Step[]; selected: string | undefined; select: (path: string) => void }) {
  const shape = steps.map((step) => step.path).join("\n");
  // The layout depends on which steps there are, not on how they stand.
  const edges = useMemo<Edge[]>(() => edgesOf(steps).map(([from, to]) => ({ id: `${from}→${to}`, source: from, target: to })), [shape]);
  const [places, setPlaces] = useState<Map<string, { x: number; y: number }>>(new Map());
  useEffect(() => {
    let gone = false;
    void elk
      .layout({
        id: "run",
        layoutOptions: { "elk.algorithm": "layered", "elk.direction": "RIGHT", "elk.layered.spacing.nodeNodeBetweenLayers": "40", "elk.spacing.nodeNode": "16" },
        children: steps.map((step) => ({ id: step.path, width: WIDTH, height: HEIGHT })),
        edges: edges.map((edge) => ({ id: edge.id, sources: [edge.source], targets: [edge.target] })),
      })
      .then((laid) => {
        if (!gone) setPlaces(new Map((laid.children ?? []).map((child) => [child.id, { x: child.x ?? 0, y: child.y ?? 0 }])));
      });
    return () => {
      gone = true;
    };
  }, [shape, edges]);
  const nodes: StepNode[] = steps.flatMap((step) => {
    const position = places.get(step.path);
    return position === undefined ? [] : [{ id: step.path, type: "step" as const, position, data: { step, chosen: step.path === selected }, width: WIDTH, height: HEIGHT, draggable: false, connectable: false }];
  });
  return (
    <div className="graph">
      {nodes.length > 0 && (
        <ReactFlow nodes={nodes} edges={edges} nodeTypes={nodeTypes} onNodeClick={(_, node) => select(node.id)} fitView fitViewOptions={{ maxZoom: 1, padding: 0.1 }} minZoom={0.2} nodesFocusable edgesFocusable={false} preventScrolling={false}>
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      )}
    </div>
  );
}
