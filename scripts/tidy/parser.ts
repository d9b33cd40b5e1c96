/** The parser's own types, named as we use them. */
export { type Node as ESTreeNode, type Program, parseSync, Visitor, type VisitorObject } from "oxc-parser"
