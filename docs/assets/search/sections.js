// What can be found: every section of every page, from the index that mkdocs writes (search/search_index.json). Pure.

import { plain } from "./text.js"

/**
 * @typedef {Object} Section
 * @property {string} id  its address below the site's, such as `ladder/rag/#what-it-fixes`
 * @property {string} page  the title of its page
 * @property {string} title  its own heading; of the beginning of a page, the page's
 * @property {string} text  what it says, without markup
 * @property {string} tags  the page's `tags`: words that readers type for its subject. Only its beginning has them.
 * @property {boolean} first  whether this is the beginning of a page
 */

/**
 * The sections of an index, in its order: pages as in the navigation, sections as on the page.
 * @param {{ docs: { location: string, title: string, text: string, tags?: string[] }[] }} index
 * @returns {Section[]}
 */
export function sectionsOf(index) {
  const pages = new Map() // address of a page: its title
  for (const { location, title } of index.docs) if (!location.includes("#")) pages.set(location, plain(title))
  const sections = []
  for (const { location, title, text, tags = [] } of index.docs) {
    const first = !location.includes("#")
    const last = sections[sections.length - 1]
    const page = pages.get(location.split("#")[0]) ?? ""
    const section = {
      id: location,
      page,
      title: plain(title),
      text: plain(text),
      tags: first ? tags.join(" ") : "",
      first,
    }
    // What stands below the page's own heading, where that has an anchor, belongs to its beginning.
    if (last?.first && section.title === last.title && location.startsWith(`${last.id}#`))
      last.text = `${last.text} ${section.text}`.trim()
    else if (section.text || first) sections.push(section)
  }
  return sections
}
