import { mount } from '../../surface/mount.tsx';

mount('panel');
