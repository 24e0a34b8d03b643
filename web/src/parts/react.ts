export { StrictMode } from "react";
export { createRoot } from "react-dom/client";
