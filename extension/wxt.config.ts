import preact from '@preact/preset-vite';
import { defineConfig } from 'wxt';

/**
 * The two builds. Firefox takes Manifest V3 as well, so that both browsers share one set of API names;
 * WXT turns the side panel into Firefox's sidebar and the service worker into its event page.
 */
export default defineConfig({
  imports: false,
  vite: ({ command }) => {
    // Whatever the shell says: under another NODE_ENV, as vitest's, the build would be the development one, with the
    // name of every source file in it.
    if (command === 'build') process.env.NODE_ENV = 'production';
    return { plugins: [preact()] };
  },
  manifest: ({ browser }) => ({
    name: '__MSG_extension_name__',
    description: '__MSG_extension_description__',
    default_locale: 'en',
    permissions: ['storage', 'alarms', 'notifications', ...(browser === 'firefox' ? [] : ['sidePanel'])],
    // The one server's origin is asked for when the reviewer connects.
    optional_host_permissions: ['http://*/*', 'https://*/*'],
    // Named in full because Firefox's default would rewrite http://127.0.0.1 to https.
    content_security_policy: {
      extension_pages:
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src http: https:; base-uri 'none'; form-action 'none'",
    },
    commands: {
      _execute_action: { suggested_key: { default: 'Alt+Shift+A' } },
    },
    ...(browser === 'firefox'
      ? {
          browser_specific_settings: {
            gecko: {
              id: 'reviewer@countersign.example',
              strict_min_version: '128.0',
              data_collection_permissions: { required: ['none'] },
            },
          },
        }
      : { minimum_chrome_version: '127' }),
  }),
});
