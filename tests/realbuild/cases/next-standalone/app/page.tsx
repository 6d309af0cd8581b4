export const dynamic = "force-dynamic";

export default function Page() {
  return <p>Node {process.versions.node.split(".")[0]}</p>;
}
