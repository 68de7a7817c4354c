/** Where the reviewer looks: the toolbar's popup, the browser's side panel, or a page of its own. */
export type Surface = 'popup' | 'panel' | 'page';
